"""A short flight as a bag, with the messages that the nodes make: an independent witness for the replay."""

from rclpy.serialization import serialize_message

from lander_campaign.flight import Flight
from lander_common.cdr import stamp_ns
from lander_common.ros.time import to_stamp
from lander_estimation.estimator_messages_node import odometry
from lander_guidance.guidance_node import to_wrench_message
from lander_msgs.msg import RangeSample, ThrusterCommand
from lander_sim import simulator_messages_node as sensors
from lander_telemetry.bag_metadata import Topic
from lander_telemetry.bag_writer import BagWriter
from lander_telemetry.definitions import definition


class Recorder:
    """Writes messages of any type by their stamp."""

    def __init__(self, folder, rename=None):
        self.bag, self._channels, self._rename = BagWriter(folder), {}, rename or {}

    def put(self, topic, message):
        topic = self._rename.get(topic, topic)
        kind = type(message)
        if topic not in self._channels:
            name = f'{kind.__module__.split(".")[0]}/msg/{kind.__name__}'
            self._channels[topic] = self.bag.add_channel(Topic(topic, name, '', []), definition(name))
        data = serialize_message(message)
        self.bag.write(self._channels[topic], stamp_ns(data), data)


def record(parameters, folder, rename=None, imu=sensors.imu, shot=None):
    """Fly, and leave a bag in `folder`; return how many cycles it was. `rename`: topics, old to new."""
    cycles = 0
    recorder = Recorder(folder, rename)
    with Flight(parameters) as flight:
        recorder.put('/state_vector', sensors.state_vector(flight.simulation.state_vector()))
        while flight.flying:
            frame = flight.frame
            flight.step()
            cycles += 1
            if frame.attitude is not None:
                recorder.put('/star_tracker', sensors.attitude(frame.attitude))
            if frame.velocity is not None:
                recorder.put('/ground_velocity', sensors.velocity(frame.velocity))
            if frame.contact is not None:
                recorder.put('/contact', sensors.contact(frame.contact))
            recorder.put('/imu', imu(frame.imu))
            for sample in flight.ranges:
                recorder.put('/rangefinder/range_sample', (shot or range_message)(sample))
            answer = odometry(flight.navigation)
            recorder.put('/odometry', answer)
            wrench = to_wrench_message(flight.wrench, answer)
            recorder.put('/wrench', wrench)
            recorder.put('/thrusters/command', ThrusterCommand(
                header=wrench.header, on_time_s=flight.command.on_time, throttle=flight.command.throttle))
    recorder.bag.close()
    return cycles


def range_message(sample):
    message = RangeSample(
        received=to_stamp(sample.received), validity=sample.validity, reason=sample.reason, beam=sample.beam,
        range_m=sample.range_m, variance=sample.variance, quality=sample.quality)
    message.header.stamp = to_stamp(sample.time)
    return message
