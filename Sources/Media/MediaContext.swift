package import Telemetry

/// What every use of a file is given: bounds, a way to end it, and a voice.
package struct MediaContext: Sendable {
    package var limits: MediaLimits
    package var interrupt: MediaInterrupt
    package var observer: Observer

    package init(limits: MediaLimits = .standard, interrupt: MediaInterrupt = MediaInterrupt(), observer: Observer) {
        MediaLog.capture()
        self.limits = limits
        self.interrupt = interrupt
        self.observer = observer
    }
}
