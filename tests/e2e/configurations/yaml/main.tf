locals {
  document = yamldecode(file("${path.module}/rules.yaml"))
}
output "document" { value = local.document }
output "open" { value = [for r in local.document.rules : r.name if contains(r.cidrs, "0.0.0.0/0")] }
output "scalars" { value = [yamldecode("5"), yamldecode("\"5\""), yamldecode("text"), yamldecode("true"), yamldecode("~"), yamldecode("[]"), yamldecode("{}"), yamldecode("1.5")] }
output "flow" { value = yamldecode("{a: [1, two], b: {c: null}}") }
output "blocks" { value = yamldecode("a: |\n  line\n  next\nb: >\n  folded\n  text\n") }
output "json" { value = yamldecode(jsonencode({ a = [1, "x"] })) }
resource "terraform_data" "rule" {
  for_each = { for r in local.document.rules : r.name => r }
  input    = each.value
}
