// CMake makes precompiled headers only for a target that has a source.
