"""What operators meet: installation, health, and the pages of development."""
