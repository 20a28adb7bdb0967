"""`make soak`: the kill test again and again over one running hotline, which must neither lose anything nor grow."""
