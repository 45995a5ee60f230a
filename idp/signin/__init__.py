"""How people sign in: sessions, tickets, protection against attacks, consent, and the hosted pages."""
