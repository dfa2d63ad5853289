# One static library per folder of src/, in the order of the design's list from the ground floor up.
# A room links the rooms below it; tests/include_order holds the finer rules (.may_include).
set(PRECONF_ROOMS base crypto codec reactor store libp2p discv5 p2p l2 l1 preconf driver preconfer rpc node)

set(PRECONF_DEPS_base PkgConfig::SPDLOG PkgConfig::FMT)
set(PRECONF_DEPS_crypto PkgConfig::OPENSSL PkgConfig::SECP256K1 PkgConfig::SODIUM)
set(PRECONF_DEPS_codec PkgConfig::ZLIB PkgConfig::JANSSON)
set(PRECONF_DEPS_reactor PkgConfig::LIBEVENT)
set(PRECONF_DEPS_rpc PkgConfig::MICROHTTPD PkgConfig::PROMETHEUS PkgConfig::LIBEVENT)

set(below "")
set(PRECONF_ALL_OBJECTS "")
set(PRECONF_ALL_DEPS "")
foreach(room IN LISTS PRECONF_ROOMS)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${room}/*.cpp)
  if(NOT sources)
    continue()
  endif()
  add_library(preconf_${room}_objects OBJECT ${sources})
  target_include_directories(preconf_${room}_objects PUBLIC
    $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/src> $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include>)
  target_compile_definitions(preconf_${room}_objects PRIVATE PRECONF_VERSION="${PROJECT_VERSION}")
  target_link_libraries(preconf_${room}_objects PRIVATE preconf_flags)
  # Object libraries do not inherit usage requirements of the rooms below; name their libraries here.
  target_link_libraries(preconf_${room}_objects PUBLIC ${PRECONF_ALL_DEPS} ${PRECONF_DEPS_${room}})
  add_library(preconf_${room} STATIC $<TARGET_OBJECTS:preconf_${room}_objects>)
  target_include_directories(preconf_${room} PUBLIC ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/include)
  target_link_libraries(preconf_${room} PUBLIC ${below} ${PRECONF_DEPS_${room}})
  list(REVERSE below)
  list(APPEND below preconf_${room})
  list(REVERSE below)
  list(APPEND PRECONF_ALL_OBJECTS $<TARGET_OBJECTS:preconf_${room}_objects>)
  list(APPEND PRECONF_ALL_DEPS ${PRECONF_DEPS_${room}})
endforeach()
list(REMOVE_DUPLICATES PRECONF_ALL_DEPS)
set(PRECONF_TOP_ROOMS ${below})

# The library that is installed: all rooms but the command line.
add_library(preconf STATIC ${PRECONF_ALL_OBJECTS})
add_library(libpreconf::preconf ALIAS preconf)
target_include_directories(preconf PUBLIC
  $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(preconf PUBLIC ${PRECONF_ALL_DEPS})

file(GLOB_RECURSE cli_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/cli/*.cpp)
if(cli_sources)
  add_executable(preconfd ${cli_sources})
  target_include_directories(preconfd PRIVATE ${CMAKE_SOURCE_DIR}/src ${CLI11_INCLUDE_DIR})
  target_compile_definitions(preconfd PRIVATE PRECONF_VERSION="${PROJECT_VERSION}")
  target_link_libraries(preconfd PRIVATE ${PRECONF_TOP_ROOMS} preconf_flags)
endif()
