"""`/api/v1`: one router per noun, and the shapes that they speak."""
