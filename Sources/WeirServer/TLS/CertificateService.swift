import EmbeddedNode
import Logging
import ServiceLifecycle

/// Looks every two seconds whether the certificate files have changed.
///
/// A pair that can't be used is an error in the log, and the one before it stays.
struct CertificateService: Service {
    let files: CertificateFiles
    let served: ServedCertificate
    /// What the files looked like before the served certificate was read.
    let stamps: CertificateWatch.Stamps
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var watch = CertificateWatch(stamps)
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(2))
                if Task.isCancelled { return }
                if watch.look(files.stamps()) { reload() }
            }
        }
    }

    func reload() {
        do throws(StartFailure) {
            served.replace(try files.load())
            logger.info("a new TLS certificate is used from now on")
        } catch {
            logger.error("the old TLS certificate stays: \(error.description)")
        }
    }
}
