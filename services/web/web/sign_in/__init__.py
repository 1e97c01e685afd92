"""Sessions of staff: sign in and sign out."""
