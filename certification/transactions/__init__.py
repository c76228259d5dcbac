"""Transaction certificates 销售证: that goods sold on in bulk came out of a certified output."""
