"""boto3 in, model out: sessions, paging, budgets, and errors turned into plain words. Synchronous."""
