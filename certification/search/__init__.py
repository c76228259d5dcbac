"""Search 检索: the index by which the public register of certificates is found."""
