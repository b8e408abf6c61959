cidrs = [
  "0.0.0.0/0",
  # the office
  "192.0.2.0/24",
]
name = "live"
