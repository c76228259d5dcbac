"""Appeals, complaints, reports of misuse 申诉、投诉、举报: decided by people not involved."""
