{
  description = "OS-level sandbox for AI coding agents, with secrets taken out of everything they print";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" "x86_64-darwin" "aarch64-darwin" ];
      each = make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
      lines = nixpkgs.lib.splitString "\n" (builtins.readFile ../../aigate/__init__.py);
      named = builtins.filter (line: line != null) (map (builtins.match ''__version__ = "([^"]+)"'') lines);
    in
    {
      packages = each (pkgs: {
        default = pkgs.python3Packages.buildPythonApplication rec {
          pname = "aigate-sandbox";
          version = builtins.head (builtins.head named);
          pyproject = true;
          src = ../..;
          nativeBuildInputs = [ pkgs.pkg-config ];
          build-system = with pkgs.python3Packages; [ setuptools cython ];
          buildInputs = [ pkgs.re2 ];
          dependencies = with pkgs.python3Packages; [ click pyyaml dnspython h11 hpack ];
          # The launcher names its Python by the script beside it, which a wrapper would take the place of.
          dontWrapPythonPrograms = true;
          # It asks no variable and reads no .pth file: what it imports has to be found beside it.
          catchConflicts = false;
          postFixup = ''
            for package in ${toString (pkgs.python3Packages.requiredPythonModules dependencies)}; do
              for item in "$package/${pkgs.python3.sitePackages}"/*; do
                [ ! -e "$item" ] || [ -e "$out/${pkgs.python3.sitePackages}/''${item##*/}" ] \
                  || ln -s "$item" "$out/${pkgs.python3.sitePackages}/"
              done
            done
          '';
          doCheck = false;
          meta = {
            description = "OS-level sandbox for AI coding agents";
            license = pkgs.lib.licenses.mit;
            mainProgram = "aigate";
          };
        };
      });
      apps = each (pkgs: {
        default = {
          type = "app";
          program = "${self.packages.${pkgs.stdenv.hostPlatform.system}.default}/bin/aigate";
        };
      });
    };
}
