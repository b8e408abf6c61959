resource "aws_security_group" "closed" {
  description = "overridden"
}
