plain        = null
not_nullable = null
nullable     = null
list         = null
