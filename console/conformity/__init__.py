"""开合格证: the certificate of conformity of a lot, written, shown as it will stand, issued."""
