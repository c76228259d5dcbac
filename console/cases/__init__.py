"""Applications: the applicant's form and papers, the offices' work list, reports, appeals."""
