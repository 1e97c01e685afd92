"""`make service`: lays out a new service after the template beside this file."""
