#!/bin/sh
# Runs a compiler whose output is removed first. A precompiled header that is made anew beside its predecessor is taken by
# ccache for one that uses it; and as no two that GCC makes are alike, whatever was compiled with the predecessor would
# be compiled again, in every checkout.
previous=
for word in "$@"; do
  if [ "$previous" = -o ]; then rm -f "$word"; fi
  previous=$word
done
exec "$@"
