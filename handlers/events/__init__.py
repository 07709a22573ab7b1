"""What is no command: free text, buttons under alerts, inline queries, membership."""
