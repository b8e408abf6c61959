operators = [
  "203.0.113.16/28", # the contractor
  "0.0.0.0/0",       # until the contractor's VPN works
]
