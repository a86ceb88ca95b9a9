# Compiler launcher, linker and warnings, and the one function that makes a folder a library.
find_program(LK_CCACHE ccache)
if(LK_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${LK_CCACHE})
endif()
find_program(LK_MOLD mold)
if(LK_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# The project's own include root is the repository's root: #include "schemas/error.h".
add_library(lk_options INTERFACE)
target_include_directories(lk_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(lk_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  -Wno-missing-field-initializers -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
  $<$<BOOL:${LK_WERROR}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # GCC 12's own <algorithm> uses what C++17 deprecated, and clang reports it where a template of it is used.
  target_compile_options(lk_options INTERFACE -Wno-unused-command-line-argument -Wno-deprecated-declarations)
endif()

# lk_library(NAME [LINK public...] [PRIVATE private...]): every .cc below this folder, one static library.
function(lk_library name)
  cmake_parse_arguments(ARG "" "" "LINK;PRIVATE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC lk_options ${ARG_LINK} PRIVATE ${ARG_PRIVATE})
endfunction()
