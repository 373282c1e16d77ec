internal import NIOSSL

/// The settings of TLS, as NIOSSL wants them.
enum TLSContext {
    /// Reads the files that TLS needs.
    static func make(_ tls: RedisTLS) throws(RedisConfigurationError) -> NIOSSLContext {
        var settings = TLSConfiguration.makeClientConfiguration()
        switch tls.verification {
        case .full: settings.certificateVerification = .fullVerification
        case .ca: settings.certificateVerification = .noHostnameVerification
        case .none: settings.certificateVerification = .none
        }
        if let path = tls.authorityFile {
            let authorities = try read("authorities", path) {
                try NIOSSLCertificate.fromPEMFile($0)
            }
            settings.trustRoots = .certificates(authorities)
        }
        if let path = tls.certificateFile {
            let chain = try read("certificate", path) { try NIOSSLCertificate.fromPEMFile($0) }
            settings.certificateChain = chain.map { .certificate($0) }
        }
        if let path = tls.keyFile {
            let key = try read("key", path) { try NIOSSLPrivateKey(file: $0, format: .pem) }
            settings.privateKey = .privateKey(key)
        }
        do {
            return try NIOSSLContext(configuration: settings)
        } catch {
            throw RedisConfigurationError("the certificate and the key do not fit: \(error)")
        }
    }

    private static func read<Value>(
        _ what: String, _ path: String, _ body: (String) throws -> Value
    ) throws(RedisConfigurationError) -> Value {
        do {
            return try body(path)
        } catch {
            throw RedisConfigurationError("the \(what) in \(path) could not be read: \(error)")
        }
    }
}
