"""Cases 案件: applications on their way from the draft to the decision."""
