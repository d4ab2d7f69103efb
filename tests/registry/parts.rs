//! Real parts on 127.0.0.1: Debian's docker-registry, nginx, certificates by openssl, an image that skopeo pushes. Each
//! is stopped when it is dropped.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::debian;
use crate::util::{House, Ran};

/// Programs and the packages that have them.
const PROGRAMS: [(&str, &str); 6] = [
    ("docker-registry", "docker-registry"),
    ("nginx", "nginx"),
    ("htpasswd", "apache2-utils"),
    ("skopeo", "skopeo"),
    ("openssl", "openssl"),
    ("faketime", "faketime"),
];

/// The name that certificates are for. No DNS knows it.
pub(crate) const NAME: &str = "registry.example.com";

/// Whether all that is needed is here.
pub(crate) fn are_here(what: &str) -> bool {
    debian::are_here(what, &PROGRAMS)
}

/// A server that is stopped in the end.
pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Starts it, and waits until it listens.
    pub(crate) fn start(command: &mut Command, port: u16, log: &Path) -> Server {
        let file = fs::File::create(log).unwrap();
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .unwrap();
        let mut server = Server { child, port };
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let said = || fs::read_to_string(log).unwrap_or_default();
            assert_eq!(server.child.try_wait().unwrap(), None, "{command:?}: {}", said());
            assert!(begun.elapsed() < Duration::from_secs(60), "{command:?}: {}", said());
            thread::sleep(Duration::from_millis(20));
        }
        server
    }
}

/// A port that nobody listens on now. Below those that the system gives to connections, and each only once, so that
/// nobody else gets it before the server does.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let first = std::process::id() * 64;
    loop {
        let port = 15_000 + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % 15_000;
        let port = u16::try_from(port).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// Runs a script in the folder; it must go well.
#[track_caller]
pub(crate) fn sh(house: &House, script: &str) -> String {
    let output = Command::new("bash")
        .args(["-euc", script])
        .current_dir(house.path("."))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Ran::from(output).exits_with(0).stdout
}

/// Makes a test authority, `ca.crt`, and `other-ca.crt`.
pub(crate) fn authorities(house: &House) {
    for ca in ["ca", "other-ca"] {
        sh(
            house,
            &format!(
                "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {ca}.key -out {ca}.crt \
                 -days 2 -subj '/CN=Test {ca}' -addext basicConstraints=critical,CA:TRUE 2>&1
                 mkdir -p {ca}-folder && cp {ca}.crt {ca}-folder/ca.crt"
            ),
        );
    }
}

/// A certificate `NAME.crt` with its key, for these alternative names, between these times.
pub(crate) fn certificate(house: &House, file: &str, ca: &str, names: &str, times: Option<(&str, &str)>) {
    let (start, end) = times.unwrap_or(("20200101000000Z", "20991231235959Z"));
    house.write(
        &format!("{file}.cnf"),
        &format!(
            "[ca]\ndefault_ca = it\n[it]\ndatabase = {file}.index\nrand_serial = yes\nnew_certs_dir = .\n\
             default_md = sha256\npolicy = any\nx509_extensions = names\n[any]\ncommonName = supplied\n\
             [names]\nsubjectAltName = {names}\nextendedKeyUsage = serverAuth\n"
        ),
    );
    sh(
        house,
        &format!(
            "touch {file}.index
             openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {file}.key -out {file}.csr \
               -subj '/CN=server' 2>&1
             openssl ca -batch -notext -config {file}.cnf -cert {ca}.crt -keyfile {ca}.key -startdate {start} \
               -enddate {end} -in {file}.csr -out {file}.crt 2>&1"
        ),
    );
}

/// The names of the machine that all is on.
pub(crate) fn own_names() -> String {
    format!("DNS:{NAME},DNS:localhost,IP:127.0.0.1")
}

/// Starts docker-registry; `more` is YAML for its configuration, `tls` what stands below `http`.
pub(crate) fn registry(house: &House, name: &str, tls: &str, more: &str) -> Server {
    let port = free_port();
    let storage = house.path(&format!("{name}-storage"));
    let configuration = format!(
        "version: 0.1\nlog: {{level: warn}}\nstorage:\n  filesystem: {{rootdirectory: {}}}\n  delete: {{enabled: true}}\n\
         http:\n  addr: 127.0.0.1:{port}\n  secret: of-a-test\n{tls}{more}",
        storage.display()
    );
    house.write(&format!("{name}.yml"), &configuration);
    let mut command = Command::new("docker-registry");
    command
        .arg("serve")
        .arg(house.path(&format!("{name}.yml")))
        .current_dir(house.path("."))
        // What the caller's shell has for a registry of its own.
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    Server::start(&mut command, port, &house.path(&format!("{name}.log")))
}

/// Starts nginx with these servers; waits for the first of these ports.
pub(crate) fn nginx(house: &House, ports: &[u16], servers: &str) -> Server {
    house.write(
        "nginx.conf",
        &format!(
            "daemon off;\nmaster_process off;\npid nginx.pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n\
             access_log off;\nclient_max_body_size 0;\nclient_body_temp_path nginx-body;\n\
             proxy_temp_path nginx-proxy;\nfastcgi_temp_path nginx-fastcgi;\nuwsgi_temp_path nginx-uwsgi;\n\
             scgi_temp_path nginx-scgi;\n{servers}}}\n"
        ),
    );
    let mut command = Command::new(debian::find("nginx").unwrap());
    command
        .arg("-p")
        .arg(house.path("."))
        .args(["-c", "nginx.conf", "-e", "stderr"])
        .current_dir(house.path("."));
    Server::start(&mut command, ports[0], &house.path("nginx.log"))
}

/// Makes `image.tar`, as `docker save` would: one layer with one file.
pub(crate) fn image(house: &House) {
    house.write("layer/hello", "hello\n");
    sh(
        house,
        r#"tar --owner 0 --group 0 --mtime @0 -C layer -cf layer.tar hello
           layer=$(sha256sum layer.tar | cut -d' ' -f1)
           printf '{"architecture":"amd64","os":"linux","config":{"Cmd":["/hello"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' "$layer" > config
           config=$(sha256sum config | cut -d' ' -f1)
           mv config "$config.json"
           printf '[{"Config":"%s.json","RepoTags":["team/web:1.2"],"Layers":["layer.tar"]}]' "$config" > manifest.json
           tar -cf image.tar manifest.json "$config.json" layer.tar"#,
    );
}

/// A config.json with one login.
pub(crate) fn login(house: &House, file: &str, registry: &str, user: &str, password: &str) {
    let arguments = [
        "credentials",
        "add",
        registry,
        "--username",
        user,
        "--password-stdin",
        "--file",
        file,
    ];
    house.run_with_stdin(&arguments, password).exits_with(0);
}

/// Pushes `image.tar` with skopeo, trusting the test's authority.
pub(crate) fn push(house: &House, image: &str, config: Option<&str>, more: &str) {
    let login = config.map_or("--dest-no-creds".to_owned(), |config| {
        format!("--dest-authfile {config}")
    });
    sh(
        house,
        &format!(
            "skopeo --insecure-policy copy --quiet {more} --dest-cert-dir ca-folder {login} docker-archive:image.tar \
             docker://{image} 2>&1"
        ),
    );
}
