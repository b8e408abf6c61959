# What only the apply knows: the evaluator must not claim to know what it cannot.
resource "terraform_data" "source" {
  input = { list = ["x", "y"], text = "secret", map = { p = 1, q = 2 }, number = 3, yes = true }
}
locals {
  later = terraform_data.source.output
}
output "whole" { value = local.later }
output "list" { value = ["known", local.later.text, local.later.number] }
output "concat" { value = concat(["a"], local.later.list, ["b"]) }
output "flatten" { value = flatten([["a", local.later.list], [local.later.text]]) }
output "distinct" { value = distinct(concat(["a", "a", "x"], local.later.list)) }
output "compact" { value = compact(["a", "", local.later.text]) }
output "merge" { value = merge({ a = 1, p = 0 }, local.later.map) }
output "merge_before" { value = merge(local.later.map, { p = 0, z = 9 }) }
output "object" { value = { (local.later.text) = 1, known = 2 } }
output "for" { value = [for x in local.later.list : upper(x)] }
output "for_some" { value = [for x in concat(["a"], local.later.list) : "${x}!"] }
output "for_if" { value = [for x in ["a", "x", "z"] : x if !contains(local.later.list, x)] }
output "for_object" { value = { for x in ["a", "b"] : x => local.later.text } }
output "for_key" { value = { for k, v in local.later.map : k => v } }
output "conditional" { value = local.later.yes ? "a" : "b" }
output "conditional_same" { value = local.later.yes ? "same" : "same" }
output "conditional_lists" { value = concat(["first"], local.later.yes ? ["a"] : []) }
output "template" { value = "a ${local.later.text} b" }
output "document" { value = jsonencode({ Statement = [{ Resource = local.later.text, Action = ["s3:*"] }] }) }
output "decoded" { value = jsondecode(jsonencode({ a = local.later.text, b = "known" })).b }
output "arithmetic" { value = [local.later.number + 1, local.later.number == 3, local.later.number > 1] }
output "set" { value = toset(["a", local.later.text, "b"]) }
output "set_of_known" { value = setunion(["a"], local.later.list) }
output "set_minus" { value = setsubtract(["a", "x"], local.later.list) }
output "set_both" { value = setintersection(["a", "x"], local.later.list) }
output "index" { value = [concat(["a"], local.later.list)[0], local.later.list[0]] }
output "element" { value = element(["a", local.later.text], 0) }
output "lookup" { value = [lookup({ a = 1, b = local.later.text }, "a", 0), lookup(local.later.map, "p", 0)] }
output "length" { value = [length([local.later.text, "a"]), length(local.later.list), length({ a = local.later })] }
output "contains" { value = [contains(["a", local.later.text], "a"), contains(["a", local.later.text], "zz")] }
output "coalesce" { value = coalesce(local.later.text, "a") }
output "try" { value = [try(local.later.missing, "a"), try(local.later.text, "a"), can(local.later.missing)] }
output "keys" { value = [keys({ a = local.later.text }), keys(local.later.map)] }
output "values" { value = values({ a = local.later.text, b = 2 }) }
output "zipmap" { value = zipmap(["a", "b"], [local.later.text, "known"]) }
output "join" { value = join(",", ["a", local.later.text]) }
output "split" { value = split("c", "a,${local.later.text}") }
output "sort" { value = sort(["b", local.later.text, "a"]) }
output "reverse" { value = reverse(["b", local.later.text, "a"]) }
output "slice" { value = slice(["b", local.later.text, "a"], 0, 2) }
output "tolist" { value = tolist([1, local.later.text]) }
output "tomap" { value = tomap({ a = 1, b = local.later.text }) }
output "unified" { value = [for v in tolist([1, local.later.number]) : v] }
output "splat" { value = [{ a = local.later.text }, { a = "known" }][*].a }
output "logic" { value = [local.later.yes || true, local.later.yes && false, !local.later.yes] }
output "equal" { value = [[local.later.text] == ["a", "b"], local.later.text == "x"] }
output "range" { value = range(local.later.number) }
output "setproduct" { value = setproduct(["a"], local.later.list) }
output "chunklist" { value = chunklist(["a", local.later.text, "b"], 2) }
output "format" { value = [format("%s-%s", "a", local.later.text), formatlist("%s!", ["a", local.later.text])] }
resource "terraform_data" "after" {
  input = ["known", local.later.text]
}
