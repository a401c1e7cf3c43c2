"""Instances: objects with ordinary attributes, created, changed and dropped all the time."""

import sys


class Vector:
    """A point or a speed; immutable by habit, so each sum is a new object."""

    def __init__(self, x: float, y: float) -> None:
        self.x = x
        self.y = y

    def __add__(self, other: "Vector") -> "Vector":
        return Vector(self.x + other.x, self.y + other.y)

    def scaled(self, factor: float) -> "Vector":
        return Vector(self.x * factor, self.y * factor)


class Particle:
    """Something that moves until its life is over."""

    def __init__(self, number: int, place: Vector, speed: Vector) -> None:
        self.number = number
        self.place = place
        self.speed = speed
        self.life = 3 + number % 13

    def step(self) -> bool:
        self.place = self.place + self.speed.scaled(0.1)
        self.speed = self.speed.scaled(0.99)
        self.life -= 1
        return self.life > 0


def main(size: int) -> int:
    """Runs size steps of a fountain that throws up 1,000 particles in each."""
    particles: list[Particle] = []
    born = 0
    checksum = 0.0
    for _ in range(size):
        for _ in range(1_000):
            particles.append(Particle(born, Vector(0.0, 0.0), Vector(born % 7, born % 11)))
            born += 1
        particles = [particle for particle in particles if particle.step()]
        checksum += particles[0].place.x
    return int(checksum * 1000) + len(particles)


if __name__ == "__main__":
    print(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
