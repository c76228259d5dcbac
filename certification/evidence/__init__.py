"""Evidence 证明材料: files and answers that an applicant gives once, for several applications."""
