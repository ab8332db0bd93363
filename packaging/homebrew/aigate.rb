# A formula for a tap. packaging/fill.py puts OWNER and the hash in; `brew update-python-resources aigate` writes the resources.
class Aigate < Formula
  include Language::Python::Virtualenv

  desc "OS-level sandbox for AI coding agents, with secrets taken out of what they print"
  homepage "https://github.com/OWNER/aigate"
  url "https://github.com/OWNER/aigate/releases/download/v0.1.0/aigate_sandbox-0.1.0.tar.gz"
  sha256 "0000000000000000000000000000000000000000000000000000000000000000"
  license "MIT"

  depends_on "pkgconf" => :build
  depends_on "libyaml"
  depends_on "python@3.13"
  depends_on "re2"

  on_linux do
    depends_on "bubblewrap"
  end

  def install
    virtualenv_install_with_resources
  end

  test do
    key = "sk-ant-api03-EXAMPLEexample0123456789EXAMPLE"
    assert_equal "key sk-ant-***\n", pipe_output("#{bin}/aigate mask", "key #{key}\n", 0)
  end
end
