"""FAQs unlike the demo shop, with held-out questions: a public library (zh) and a gym (en)."""
