# Read by ctest, once per test executable (`folder`, `executable` and `environment` are set before): makes one
# ctest of every Catch test case. Catch's own module fixes the list at build time, and loses properties that are
# lists; this one asks the executable when ctest starts, and turns the tags [engine] and [peers] into labels.

if(NOT EXISTS "${executable}")
  add_test("${folder}: not built" "${executable}")
  set_tests_properties("${folder}: not built" PROPERTIES LABELS unit)
  return()
endif()

# The names of all cases that match `spec`, each between line feeds: test names are sentences, and a sentence may
# hold what would end an item of a CMake list.
function(names_of spec result)
  execute_process(COMMAND "${executable}" ${spec} --list-test-names-only OUTPUT_VARIABLE names ERROR_VARIABLE names_error)
  set(${result} "\n${names}" PARENT_SCOPE)
endfunction()

names_of("~[engine]~[peers]" unit_names)
names_of("[engine]" engine_names)
names_of("[peers]" peers_names)

set(cases 0)
function(add_cases names labels)
  while(names MATCHES "^\n*([^\n]+)\n")
    set(name "${CMAKE_MATCH_1}")
    string(LENGTH "${CMAKE_MATCH_0}" used)
    math(EXPR used "${used} - 1")
    string(SUBSTRING "${names}" ${used} -1 names)
    string(REGEX REPLACE "([][,\"\\])" "\\\\\\1" spec "${name}")
    add_test("${folder}: ${name}" "${executable}" "${spec}")
    set_tests_properties("${folder}: ${name}" PROPERTIES LABELS "${labels}" ENVIRONMENT "${environment}"
      TIMEOUT 300 SKIP_REGULAR_EXPRESSION "not run on this machine: ")
    math(EXPR cases "${cases} + 1")
  endwhile()
  set(cases ${cases} PARENT_SCOPE)
endfunction()

add_cases("${unit_names}" unit)
add_cases("${engine_names}" engine)
add_cases("${peers_names}" peers)
if(cases EQUAL 0)
  add_test("${folder}: has no test case" "${executable}" --list-tests)
  set_tests_properties("${folder}: has no test case" PROPERTIES LABELS unit WILL_FAIL TRUE)
endif()
