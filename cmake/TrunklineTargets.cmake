# One helper per kind of target. They apply the warnings, and they check the layering: a library names its layer and may
# use only libraries of lower layers, in what it links and in what it includes.
#
#   trunkline_library(NAME http LAYER 3 SOURCES server.cc DEPENDS base metrics EXTERNAL Boost::headers)
#   trunkline_test(NAME http_test SOURCES server_test.cc DEPENDS http [LABELS integration])
#   trunkline_program(NAME trunkctl SOURCES main.cc DEPENDS postgres)
#
# DEPENDS names Trunkline's own libraries, EXTERNAL anything else. PRECOMPILE names the precompiled headers, "core" unless
# said otherwise; cmake/precompiled has them.
#
# The sources of a target are compiled sixteen at a time (CMAKE_UNITY_BUILD in CMakePresets.json), so what their anonymous
# namespaces hold has names that differ within the target (docs/decisions/0031-sources-compiled-together.md).

# -Wno-missing-field-initializers: designated initializers leave members to their defaults on purpose.
set(TRUNKLINE_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
                       -Wno-missing-field-initializers -Werror)
if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # It takes a source that another one includes for a header, where types of its own would be a mistake.
  list(APPEND TRUNKLINE_WARNINGS -Wno-subobject-linkage)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # What librdkafka's macros are made of.
  list(APPEND TRUNKLINE_WARNINGS -Wno-gnu-statement-expression)
endif()

# Nobody waits for what a test itself computes, but for its compilation; what it tests is optimised as always. In the
# release -D_FORTIFY_SOURCE needs some optimisation, and more of it makes GCC 12 warn of copies that overlap where none do.
set(TRUNKLINE_TEST_OPTIONS $<IF:$<CONFIG:Release>,-O1,-O0>)

function(_trunkline_common target precompiled)
  target_compile_options(${target} PRIVATE ${TRUNKLINE_WARNINGS})
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR})
  trunkline_precompile(${target} "${precompiled}")
endfunction()

function(trunkline_precompile target kind)
  if(NOT kind)
    set(kind core)
  endif()
  if(TRUNKLINE_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM trunkline_precompiled_${kind})
  endif()
endfunction()

# Fails the configuration when a source of `target` includes a library that it does not depend on.
function(_trunkline_check_includes target allowed)
  set(sources ${ARGN})
  foreach(source IN LISTS sources)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${source})
    string(REGEX REPLACE "\\.cc$" ".h" header ${source})
    foreach(file IN ITEMS ${source} ${header})
      if(NOT EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${file})
        continue()
      endif()
      file(STRINGS ${file} lines REGEX "^#include \"(libs|services|tools|tests)/")
      foreach(line IN LISTS lines)
        string(REGEX REPLACE "^#include \"(.*)/[^/]*\".*$" "\\1" folder ${line})
        if(folder STREQUAL "tests/support")
          continue()
        endif()
        get_property(owner GLOBAL PROPERTY TRUNKLINE_OWNER_${folder})
        if(NOT "${owner}" IN_LIST allowed)
          message(FATAL_ERROR "${CMAKE_CURRENT_SOURCE_DIR}/${file}: ${line}\n"
            "  ${folder} belongs to '${owner}', which ${target} does not depend on. A library uses only the libraries that "
            "it names in DEPENDS; see libs/README.md.")
        endif()
      endforeach()
    endforeach()
  endforeach()
endfunction()

function(_trunkline_closure out)
  set(closure ${ARGN})
  foreach(name IN LISTS ARGN)
    get_property(more GLOBAL PROPERTY TRUNKLINE_CLOSURE_${name})
    list(APPEND closure ${more})
  endforeach()
  list(REMOVE_DUPLICATES closure)
  set(${out} ${closure} PARENT_SCOPE)
endfunction()

function(trunkline_library)
  cmake_parse_arguments(ARG "" "NAME;LAYER;PRECOMPILE" "SOURCES;DEPENDS;EXTERNAL" ${ARGN})
  foreach(dependency IN LISTS ARG_DEPENDS)
    get_property(layer GLOBAL PROPERTY TRUNKLINE_LAYER_${dependency})
    if("${layer}" STREQUAL "")
      message(FATAL_ERROR "${ARG_NAME} depends on ${dependency}, which is no library of Trunkline defined before it")
    endif()
    if(NOT layer LESS ARG_LAYER)
      message(FATAL_ERROR "layering: ${ARG_NAME} (layer ${ARG_LAYER}) may not use ${dependency} (layer ${layer})")
    endif()
  endforeach()
  file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  set_property(GLOBAL PROPERTY TRUNKLINE_LAYER_${ARG_NAME} ${ARG_LAYER})
  get_property(owner GLOBAL PROPERTY TRUNKLINE_OWNER_${folder})
  if("${owner}" STREQUAL "")
    set_property(GLOBAL PROPERTY TRUNKLINE_OWNER_${folder} ${ARG_NAME})
  endif()
  _trunkline_closure(closure ${ARG_DEPENDS})
  set_property(GLOBAL PROPERTY TRUNKLINE_CLOSURE_${ARG_NAME} ${closure})
  get_property(owner GLOBAL PROPERTY TRUNKLINE_OWNER_${folder})
  _trunkline_check_includes(${ARG_NAME} "${closure};${ARG_NAME};${owner}" ${ARG_SOURCES})

  add_library(trunkline_${ARG_NAME} STATIC ${ARG_SOURCES})
  add_library(trunkline::${ARG_NAME} ALIAS trunkline_${ARG_NAME})
  list(TRANSFORM ARG_DEPENDS PREPEND trunkline::)
  target_link_libraries(trunkline_${ARG_NAME} PUBLIC ${ARG_DEPENDS} ${ARG_EXTERNAL})
  _trunkline_common(trunkline_${ARG_NAME} "${ARG_PRECOMPILE}")
endfunction()

function(trunkline_program)
  cmake_parse_arguments(ARG "" "NAME;PRECOMPILE" "SOURCES;DEPENDS;EXTERNAL" ${ARGN})
  add_executable(${ARG_NAME} ${ARG_SOURCES})
  list(TRANSFORM ARG_DEPENDS PREPEND trunkline::)
  target_link_libraries(${ARG_NAME} PRIVATE ${ARG_DEPENDS} ${ARG_EXTERNAL})
  # Protobuf messages of a batch are made on one thread and freed on others, which the C library's allocator is slow at.
  # The sanitizers bring their own.
  if(NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize")
    target_link_libraries(${ARG_NAME} PRIVATE PkgConfig::jemalloc)
  endif()
  _trunkline_common(${ARG_NAME} "${ARG_PRECOMPILE}")
endfunction()

# LABELS: "unit" unless said otherwise; "integration" for tests that need the PostgreSQL and Kafka of `./trunkline test`.
function(trunkline_test)
  cmake_parse_arguments(ARG "" "NAME;LABELS" "SOURCES;DEPENDS;EXTERNAL" ${ARGN})
  if(TRUNKLINE_FUZZERS)
    return()
  endif()
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  add_executable(${ARG_NAME} ${ARG_SOURCES})
  list(TRANSFORM ARG_DEPENDS PREPEND trunkline::)
  target_link_libraries(${ARG_NAME} PRIVATE ${ARG_DEPENDS} ${ARG_EXTERNAL}
                                            trunkline_source_path GTest::gmock GTest::gtest_main)
  target_compile_options(${ARG_NAME} PRIVATE ${TRUNKLINE_TEST_OPTIONS})
  _trunkline_common(${ARG_NAME} test)
  add_test(NAME ${ARG_NAME} COMMAND ${ARG_NAME})
  set_tests_properties(${ARG_NAME} PROPERTIES LABELS ${ARG_LABELS} TIMEOUT 120)
  if("integration" IN_LIST ARG_LABELS)
    # They share one PostgreSQL, whose roles belong to all databases alike. Each of their tests makes a database, half a
    # second of a busy machine.
    set_tests_properties(${ARG_NAME} PROPERTIES RUN_SERIAL ON TIMEOUT 300)
  endif()
endfunction()

# A libFuzzer target; built with the preset "fuzz" only. `./trunkline fuzz` runs each for a while.
function(trunkline_fuzzer)
  cmake_parse_arguments(ARG "" "NAME" "SOURCES;DEPENDS;EXTERNAL" ${ARGN})
  if(NOT TRUNKLINE_FUZZERS)
    return()
  endif()
  add_executable(${ARG_NAME} ${ARG_SOURCES})
  list(TRANSFORM ARG_DEPENDS PREPEND trunkline::)
  target_link_libraries(${ARG_NAME} PRIVATE ${ARG_DEPENDS} ${ARG_EXTERNAL} -fsanitize=fuzzer)
  set_target_properties(${ARG_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fuzz)
  _trunkline_common(${ARG_NAME} core)
endfunction()
