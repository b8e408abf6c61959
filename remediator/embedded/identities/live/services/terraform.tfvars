thumbnailer_actions = [
  "s3:GetObject",
  "s3:PutObject",
  "s3:GetBucketLocation",
  "s3:PutLifecycleConfiguration", # was once to be automatic
]
