//! A real sshd on loopback, and a client that knows agents by name: each is a folder of its own.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::debian;
use crate::util::House;

/// Stopped when it is dropped.
pub(super) struct Sshd {
    server: Child,
    folder: tempfile::TempDir,
}

impl Sshd {
    /// Leads to these agents, whose roots are folders of the house. `None` where it cannot be had.
    pub(super) fn new(house: &House, agents: &[&str]) -> Option<Sshd> {
        if !super::is_root("scripts over ssh")
            || !debian::are_here("ssh", &[("sshd", "openssh-server"), ("ssh", "openssh-client")])
        {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["host", "user"] {
            let mut keygen = Command::new("ssh-keygen");
            keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(at(name));
            assert!(keygen.status().unwrap().success());
        }
        fs::copy(at("user.pub"), at("authorized")).unwrap();
        fs::create_dir_all("/run/sshd").unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let place = folder.path().display();
        let server = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {place}/host\nAuthorizedKeysFile {place}/authorized\nStrictModes \
             no\nUsePAM no\nPidFile none\nPermitRootLogin prohibit-password\nPasswordAuthentication no\nAcceptEnv ROOT \
             SETTLE\nSetEnv PATH={}:/usr/sbin:/usr/bin:/sbin:/bin\n",
            // The programs of a test come before those of the system.
            house.path("bin").display()
        );
        fs::write(at("sshd_config"), server).unwrap();
        fs::write(at("ssh_config"), client(house, agents, port, folder.path())).unwrap();
        let mut server = Command::new(debian::find("sshd").unwrap());
        let log = fs::File::create(at("log")).unwrap();
        server.args(["-D", "-e", "-f"]).arg(at("sshd_config"));
        server.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let sshd = Sshd {
            server: server.spawn().unwrap(),
            folder,
        };
        for _ in 0..200 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Some(sshd);
            }
            sleep(Duration::from_millis(50));
        }
        panic!("{}", fs::read_to_string(sshd.folder.path().join("log")).unwrap());
    }

    /// What SSH is to be for the scripts.
    pub(super) fn command(&self) -> PathBuf {
        PathBuf::from(format!("ssh -F {}", self.folder.path().join("ssh_config").display()))
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn client(house: &House, agents: &[&str], port: u16, place: &Path) -> String {
    let mut out = String::new();
    for agent in agents {
        let root = house.path(agent);
        fs::create_dir_all(root.join("etc/mesosphere")).unwrap();
        super::everybody_may_look(&root);
        out.push_str(&format!("Host {agent}\n  SetEnv ROOT={} SETTLE=1\n", root.display()));
    }
    let place = place.display();
    out.push_str(&format!(
        "Host *\n  HostName 127.0.0.1\n  Port {port}\n  User root\n  IdentityFile {place}/user\n  IdentitiesOnly yes\n  \
         IdentityAgent none\n  StrictHostKeyChecking no\n  UserKnownHostsFile {place}/known\n  LogLevel ERROR\n  BatchMode \
         yes\n"
    ));
    out
}
