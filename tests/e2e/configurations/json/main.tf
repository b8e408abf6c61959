locals {
  policy = {
    Version = "2012-10-17"
    Statement = [
      { Sid = "A", Effect = "Allow", Action = ["s3:GetObject", "s3:*"], Resource = "arn:aws:s3:::b/*", Principal = { AWS = "*" } },
      { Effect = "Deny", Action = "*", Resource = ["*"], Condition = { Bool = { "aws:SecureTransport" = false } } },
    ]
  }
}
output "encoded" { value = jsonencode(local.policy) }
output "decoded" { value = jsondecode(jsonencode(local.policy)) }
output "scalars" { value = [jsonencode("a"), jsonencode(1), jsonencode(1.5), jsonencode(true), jsonencode(null), jsonencode([]), jsonencode({})] }
output "escapes" { value = jsonencode({ "<&>" = "a\"b\\c\n\t\u2028 é 😀 \u0001 '" }) }
output "sets_and_maps" { value = jsonencode([toset(["b", "a"]), tomap({ b = 1, a = 2 })]) }
output "large" { value = [jsonencode(12345678901234567890), jsonencode(0.1), jsondecode("1e3"), jsondecode("0.10")] }
output "parsed" { value = jsondecode("{\"a\": [1, \"x\", null, true, {\"b\": {}}], \"c\": \"\\u00e9\\n\"}") }
output "parsed_types" { value = [jsondecode("[]"), jsondecode("\"text\""), jsondecode("5"), jsondecode("null"), jsondecode(" [1, 2] ")] }
output "heredoc" {
  value = jsondecode(<<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "${"arn:aws:s3:::x"}"}]
    }
  EOT
  ).Statement[0]
}
output "changed" { value = jsonencode(merge(jsondecode(jsonencode(local.policy)), { Version = "2008-10-17" })) }
output "filtered" {
  value = jsonencode({ Statement = [for s in local.policy.Statement : s if s.Effect == "Deny"] })
}
output "in_a_text" { value = "policy: ${jsonencode({ a = [1, 2] })}" }
output "nested_encoding" { value = jsonencode({ inner = jsonencode({ a = 1 }) }) }
output "failing" { value = [can(jsondecode("{")), try(jsondecode("nope"), "broken")] }
