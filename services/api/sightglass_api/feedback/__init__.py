"""What people say of answers, and the questions that become of it."""
