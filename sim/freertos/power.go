package freertos

// PowerOff ends everything on the chip from outside, as its supply or its reset
// pin does. Nothing is printed, and OnReset is not called. A chip that is dead
// already stays as it is.
func (k *Kernel) PowerOff() {
	if k.dead {
		return
	}
	k.stop(&Halt{At: k.loop.Now(), Text: "power off", Reset: ResetPowerOn}, 0)
}

// Print writes a line to the console, as printf and the log macros do.
func (k *Kernel) Print(line string) { k.print(line) }
