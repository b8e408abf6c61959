locals {
  l0  = ["x"]
  l1  = concat(local.l0, ["1"])
  l2  = [for x in local.l1 : "${x}${length(local.l1)}"]
  l3  = { for i, x in local.l2 : x => { index = i, list = local.l1 } }
  l4  = merge(local.l3, { more = { index = -1, list = [] } })
  l5  = flatten([for k, v in local.l4 : [for x in v.list : "${k}/${x}"]])
  l6  = jsondecode(jsonencode({ a = { b = { c = { d = local.l5 } } } }))
  l7  = local.l6.a.b.c.d
  l8  = ((((((((local.l7))))))))
  l9  = [[[[[[[[local.l8[0]]]]]]]]]
  l10 = { a = { b = [{ c = { d = [{ e = local.l9[0][0][0][0][0][0][0] }] } }] } }
}
output "all" { value = [local.l2, local.l3, local.l4, local.l5, local.l6, local.l7, local.l9] }
output "ten" { value = local.l10.a.b[0].c.d[0].e }
output "nested_calls" { value = upper(join("-", reverse(split("", lower(trimspace(replace(format("%s", " ABC "), "B", "x"))))))) }
