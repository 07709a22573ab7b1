"""What people read: texts and keyboards made of plain values."""
