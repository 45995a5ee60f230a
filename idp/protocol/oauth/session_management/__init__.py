"""Session Management 1.0: applications notice in the browser that somebody signed out."""
