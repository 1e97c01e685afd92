"""Rules of postal addresses, for forms of storefronts."""
