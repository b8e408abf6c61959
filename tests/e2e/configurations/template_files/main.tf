locals {
  vars = { name = "web", ports = [22, 443], on = true, tags = { b = 2, a = 1 }, cidrs = ["0.0.0.0/0"] }
}
output "text" { value = templatefile("templates/text.tftpl", local.vars) }
output "policy" { value = jsondecode(templatefile("${path.module}/templates/policy.json.tpl", { actions = ["s3:*"], arn = "arn:aws:s3:::x" })) }
output "directives" { value = templatefile("templates/directives.tftpl", merge(local.vars, { on = false })) }
output "one_expression" { value = templatefile("templates/expression.tftpl", { list = ["a", "b"] }) }
output "no_newline" { value = templatefile("templates/no-newline.tftpl", { x = 1 }) }
output "empty" { value = templatefile("templates/empty.tftpl", {}) }
output "yaml" { value = yamldecode(templatefile("templates/rules.yaml.tftpl", local.vars)) }
output "quotes" { value = templatefile("templates/quotes.tftpl", { x = "a\"b" }) }
output "several" { value = [for n in ["a", "b"] : templatefile("templates/no-newline.tftpl", { x = n })] }
output "strip_at_the_end" { value = templatefile("templates/strip-at-the-end.tftpl", {}) }
output "indented" { value = templatefile("templates/indented.tftpl", local.vars) }
output "list" { value = templatefile("templates/list.tftpl", { list = ["a", 1] }) }
