/* a file
   may begin so */ variable "x" { default = 1 } // behind
locals { # behind a brace
  # before
  a = "x" # behind a value
  /* b = 2 */
  c = /* inside */ 3
  d = [ # behind a bracket
    1,  // behind a comma
    /* before */ 2 /* after */,
  ]
  e = { # behind a brace
    f = 1 /* g = 2 */
    # h = 3
    i = "# no comment", j = "/* none either */" // but this
  }
  k = concat(     # in
    ["a"],        # a
    /* call */ [] # list
  )
  l = (         # in
    var.x + /**/ 1
  )
  m = true ? /* then */ "y" : /* else */ "n"
  n = "${/* inside */ local.a}"
  o = [for /* a */ v in /* b */ [1] : /* c */ v /* d */ if /* e */ true]
}
output "all" { value = [local.a, local.c, local.d, local.e, local.k, local.l, local.m, local.n, local.o] }
output "empty_comment" {
  #
  value = 1 //
}
