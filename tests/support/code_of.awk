# SPDX-License-Identifier: MIT
# The ```cpp blocks of a Markdown page as one source file, each line where it was.
/^```cpp$/ { inside = 1; print ""; next }
/^```$/ { inside = 0 }
{ print inside ? $0 : "" }
