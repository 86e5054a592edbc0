"""The pages: what people see and do, in Korean and English."""
