locals {
  mixed = [1, "a", true]
  dup   = ["b", "a", "b"]
}
output "tostring" { value = [tostring(1), tostring(true), tostring("x"), tostring(0.25), tostring(null)] }
output "tonumber" { value = [tonumber("1"), tonumber(2), tonumber("-0.5"), tonumber(null)] }
output "tobool" { value = [tobool("true"), tobool(false), tobool("false"), tobool(null)] }
output "tolist" { value = [tolist(local.mixed), tolist(toset(local.dup)), tolist([]), tolist([1, 2])] }
output "toset" { value = [toset(local.dup), toset([3, 1, 2, 1]), toset([]), toset(local.mixed), toset([true, false])] }
output "tomap" { value = [tomap({ a = 1, b = "x" }), tomap({}), tomap({ a = true, b = false })] }
output "nested" { value = [tolist([[1], ["a"]]), tolist([{ a = 1 }, { a = "x" }]), tomap({ a = [1], b = ["x"] })] }
output "sets_of_sets" { value = toset([toset(["b", "a"]), toset(["a", "b"])]) }
output "sets_of_objects" { value = toset([{ n = 2 }, { n = 1 }, { n = 2 }]) }
output "sets_of_lists" { value = toset([["b"], ["a"], ["a", "b"]]) }
output "from_templates" { value = ["${1}", "${true}", "x${1}y${true}z"] }
output "keys_to_text" { value = { 1 = "a", true = "b" } }
output "arguments_of_functions" { value = [upper(true), join("-", [1, 2]), split(1, "a1b"), format("%s", 5), length(toset([1, "1"]))] }
output "failing" { value = [try(tonumber("x"), "no"), can(tobool("yes")), try(tostring([]), "no list"), can(tolist({}))] }
resource "terraform_data" "set" {
  for_each = toset([for n in [1, 2] : tostring(n)])
  input    = each.value
}
