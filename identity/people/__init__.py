"""People: the accounts with which somebody signs in, and the roles that they hold for parties."""
