# SPDX-License-Identifier: MIT
# build_config.rb - mruby as it is released, with what the environment says to
# link behind its library.
MRuby::Build.new do |conf|
  conf.toolchain :gcc
  conf.gembox 'default'
  conf.linker.flags_after_libraries << ENV['PYTRACE_LIBS'].to_s
end
