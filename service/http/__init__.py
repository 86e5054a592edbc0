"""What pages and API share: who asks, what they may do, problems, paging, conditions and repeats."""
