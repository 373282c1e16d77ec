import Logging
import WeirHTTP

extension WeirServer {
    /// Where this server listens, and which routes are answered there.
    var listeners: [(address: ListenerAddress, part: WeirAPI.Part)] {
        let address = ListenerAddress(
            host: configuration.host, port: configuration.port, hostSetting: .host,
            portSetting: .port)
        guard let adminPort = configuration.adminPort else { return [(address, .all)] }
        let adminAddress = ListenerAddress(
            host: configuration.adminHost, port: adminPort, hostSetting: .adminHost,
            portSetting: .adminPort)
        return [(address, .publicOnly), (adminAddress, .all)]
    }

    /// The certificate that is served and watched, where there is one.
    func certificate(_ logger: Logger) throws -> CertificateService? {
        guard let certificate = configuration.tlsCertificate, let key = configuration.tlsKey else {
            return nil
        }
        let files = CertificateFiles(certificate: certificate, key: key)
        let stamps = files.stamps()
        return CertificateService(
            files: files, served: ServedCertificate(try files.load()), stamps: stamps,
            logger: logger)
    }

    /// The limits of each listener, with as many connections as there is room for.
    func limits(_ logger: Logger) -> ListenerLimits {
        var limits = configuration.limits
        let count = listeners.count
        let room = FileLimit.makeRoom(for: limits.maximumConnections * count) / count
        if room < limits.maximumConnections {
            logger.warning(
                "few files may be open (ulimit -n), so few connections are taken",
                metadata: [
                    "connections": "\(room)",
                    "\(Setting.maximumConnections.fileKey)": "\(limits.maximumConnections)",
                ])
            limits.maximumConnections = max(1, room)
        }
        return limits
    }
}
