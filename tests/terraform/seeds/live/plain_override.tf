resource "aws_security_group" "plain" {
  description = "overridden"
}
